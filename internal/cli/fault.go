package cli

import (
	"github.com/urfave/cli/v2"

	"wiretape/proxy"
)

const faultHelp = `A fault is METHOD[(NAME)][#N[+]][@PROBABILITY]:ACT. METHOD is that of a request, and
may end in a "*"; NAME is that of a tool or a prompt; #3 is the third such request, #3+
that one and all after it; PROBABILITY is 0.1 or 10%. ACT is delay=2s, error (or
error=CODE), drop, truncate, garbage, hang or exit. Of several that fit a request, the
first one counts.

   tools/call:delay=2s           each call of a tool is answered 2 s late
   tools/call(echo)#3:error      the third call of echo fails
   resources/*@10%:drop          one answer in ten is lost
   tools/call#5+:hang            from the fifth call on there is no answer`

func faultFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "fault", Usage: "what goes wrong on purpose, a `FAULT` as described above; repeatable, in the variable one a line", EnvVars: []string{"WIRETAPE_FAULT"}},
		&cli.Uint64Flag{Name: "seed", Usage: "what faults choose by chance is the same for the same `N`", EnvVars: []string{"WIRETAPE_SEED"}},
	}
}

func faults(ctx *cli.Context) ([]proxy.Fault, error) {
	var all []proxy.Fault
	for _, text := range values(ctx, "fault") {
		f, err := proxy.ParseFault(text)
		if err != nil {
			return nil, usageError{err, ctx.Command.Name}
		}
		all = append(all, f)
	}
	return all, nil
}
