package replaytest

import (
	"flag"
	"io"
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
