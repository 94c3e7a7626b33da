package replaytest

import (
	"flag"
	"io"
	"strings"
	"testing"
)

func TestModeChosen(t *testing.T) {
	for _, test := range []struct {
		option            Mode
		flagged, variable string
		want              Mode
	}{
		{"", "", "", Once},
		{"", "", "none", None},
		{"", "all", "none", All},
		{New, "all", "none", New},
		{"", "", "twice", ""},
		{"always", "", "", ""},
	} {
		got, err := test.option.chosen(test.flagged, test.variable)
		if got != test.want || (err == nil) != (got != "") {
			t.Errorf("%+v: %q, %v", test, got, err)
		}
	}
}

func TestFlagIsOursOnlyIfItIsMeant(t *testing.T) {
	for _, test := range []struct {
		args []string
		ours bool
	}{
		{[]string{"-test.v", "-record=once"}, true},
		{[]string{"--record=all", "x"}, true},
		{[]string{"-record"}, false},
		{[]string{"-record=true"}, false},
		{[]string{"record=once"}, false},
		{nil, false},
	} {
		flags := flag.NewFlagSet("", flag.ContinueOnError)
		flags.SetOutput(io.Discard)
		flags.Bool("test.v", false, "")
		flagged := register(flags, test.args)
		if got := flags.Lookup("record") != nil; got != test.ours {
			t.Errorf("%q: is defined: %v", test.args, got)
		}
		if !test.ours {
			flags.Bool("record", false, "")
		}
		if err := flags.Parse(test.args); err != nil || test.ours != (*flagged != "") {
			t.Errorf("%q: parsed as %q, %v", test.args, *flagged, err)
		}
	}
}

func TestFlagWithoutAModeIsExplained(t *testing.T) {
	for _, args := range [][]string{{"-record=al"}, {"-record", "none"}, {"--record"}} {
		for _, defined := range []bool{false, true} {
			var said strings.Builder
			flags := flag.NewFlagSet("", flag.ContinueOnError)
			flags.SetOutput(&said)
			flags.Usage = func() { said.WriteString("usage") }
			register(flags, args)
			if defined {
				flags.Int("record", 0, "")
			}
			if err := flags.Parse(args); err == nil {
				t.Errorf("%q: it was taken", args)
			}
			const ours = "told by -record=none, -record=once, -record=new or -record=all\n"
			if strings.HasSuffix(said.String(), ours) == defined || strings.HasSuffix(said.String(), "usage") != defined {
				t.Errorf("%q, defined: %v: said %q", args, defined, said.String())
			}
		}
	}
}
