package retention

import (
	"strings"
	"testing"
	"time"
)

func TestParseAge(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"30d": 30 * day, "12h": 12 * time.Hour, "2w": 14 * day, "90m": 90 * time.Minute, "01d": day, "106751d": 106751 * day,
		"": 0, "d": 0, "30": 0, "0d": 0, "-1d": 0, "+1d": 0, "1.5d": 0, "30D": 0, "30M": 0, "30 d": 0, "1d12h": 0, "1y": 0,
		"1e3d": 0, "0x1d": 0, "1_0d": 0, "106752d": 0, "99999999999999999999d": 0, "30dé": 0, "2GB": 0,
	} {
		if got, err := ParseAge(text); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestParseBytes(t *testing.T) {
	for text, want := range map[string]int64{
		"2GB": 2e9, "500MB": 5e8, "1GiB": 1 << 30, "1.5gb": 15e8, "2 GB": 2e9, "1B": 1, "8EB": 8e18,
		"": 0, "B": 0, "2": 0, "2G": 0, "0GB": 0, "0.1B": 0, "-2GB": 0, "1,5GB": 0, "10EB": 0, "99EB": 0, "1e3GB": 0, "NaNB": 0,
		"2GBs": 0, "2bananaB": 0, "30d": 0, "٣GB": 0,
	} {
		if got, err := ParseBytes(text); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestParseLimits(t *testing.T) {
	both := Limits{Age: 30 * 24 * time.Hour, Bytes: 2e9}
	for _, test := range []struct {
		texts []string
		want  Limits
		wrong string
	}{
		{texts: []string{"30d"}, want: Limits{Age: both.Age}},
		{texts: []string{"2GB"}, want: Limits{Bytes: both.Bytes}},
		{texts: []string{"30d,2GB"}, want: both},
		{texts: []string{"2GB", "30d"}, want: both},
		{texts: []string{" 2gb , 30d "}, want: both},
		{texts: []string{"30m"}, want: Limits{Age: 30 * time.Minute}},
		{texts: []string{"30d,2d"}, wrong: `"2d" is a second age`},
		{texts: []string{"2GB", "1GB"}, wrong: `"1GB" is a second size`},
		{texts: []string{"30d,"}, wrong: `"" is neither an age such as 30d nor a size such as 2GB`},
		{texts: []string{"30M"}, wrong: `"30M" is neither`},
		{texts: []string{"2G"}, wrong: `"2G" is neither`},
		{texts: []string{"0d"}, wrong: `would delete everything`},
		{texts: []string{"xB"}, wrong: `"xB" is no size`},
	} {
		got, err := ParseLimits(test.texts...)
		said := ""
		if err != nil {
			said = err.Error()
		}
		if got != test.want || !strings.Contains(said, test.wrong) || (said != "") != (test.wrong != "") {
			t.Errorf("%q: %v, %v; want %v, %s", test.texts, got, err, test.want, test.wrong)
		}
	}
}
