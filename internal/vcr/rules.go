package vcr

import (
	"errors"
	"io/fs"

	"wiretape/replay"
)

// Open makes the recording at path ready to be played. Rules that are nil are
// read from a file beside it, if there is one: x.rules.json for x.jsonl and
// x.jsonl.zst. The errors are also those of [replay.Options.Open].
func Open(path string, o replay.Options) (*replay.Recording, error) {
	o, err := withRules(path, o)
	if err != nil {
		return nil, err
	}
	return o.Open(path)
}

func withRules(path string, o replay.Options) (replay.Options, error) {
	if o.Rules != nil {
		return o, nil
	}
	var err error
	o.Rules, err = RulesBeside(path)
	return o, err
}

// RulesBeside reads the rules that lie beside a recording, nil if there are none.
func RulesBeside(path string) ([]replay.Rule, error) {
	stem, _ := split(path)
	rules, err := replay.ReadRules(stem + ".rules.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return rules, err
}
