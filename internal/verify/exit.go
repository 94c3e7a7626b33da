package verify

import (
	"wiretape/internal/findings"
	"wiretape/internal/wire"
	"wiretape/proxy"
	"wiretape/record"
)

// exited tells that the server failed when all was said, if the recorded one had
// not. What had to be done to end it says nothing.
func (p *play) exited(is proxy.Exit) {
	was := p.script.exit
	if was == nil || *was != (record.Exit{}) || is.Forced || is.Code == 0 && is.Signal == "" {
		return
	}
	told := is.String()
	if words := p.live.words.String(); words != "" {
		told += "\n" + words
	}
	p.found = append(p.found, findings.Finding{
		Rule: findings.ExitChanged, Recorded: wire.Quote(proxy.Exit{}.String()), Live: wire.Quote(told),
	})
}
