package filter_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wiretape/internal/filter"
	"wiretape/record"
)

func FuzzParse(f *testing.F) {
	for _, word := range []string{"tool:a*b", "-method:*", "from:host", "is:error", `id:"7"`, "text", `-"a:b"`, "", "-", `"`, ":", "is:x", "a:b"} {
		f.Add(word, "name")
	}
	path := written(f, conversation)
	f.Fuzz(func(t *testing.T, first, second string) {
		parsed, err := filter.Parse([]string{first, second})
		if (parsed == nil) != (err != nil) {
			t.Fatalf("%v and %v", parsed, err)
		}
		if err != nil {
			return
		}
		choice, err := parsed.Choose(path)
		if err != nil {
			t.Fatal(err)
		}
		if choice.Has(0) || choice.Has(28) || choice.Has(-1) {
			t.Error("an event is chosen that there is not")
		}
	})
}

// FuzzChoose reads anything that may be in a file.
func FuzzChoose(f *testing.F) {
	for _, path := range everyRecording(f) {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, "tool:* -is:error")
	}
	f.Add([]byte(`{"wiretape":1,"target":{}}`+"\n"+`{"seq":9223372036854775807,"at":1,"from":"host","to":"target","msg":{"id":1,"method":"x"}}`+"\n"), "is:unanswered")
	path := filepath.Join(f.TempDir(), "x")
	f.Fuzz(func(t *testing.T, text []byte, words string) {
		parsed, err := filter.Parse(strings.Fields(words))
		if err != nil {
			return
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		choice, err := parsed.Choose(path)
		r, _ := record.Load(path)
		if choice == nil {
			if err == nil || r != nil && len(r.Events) > 0 {
				t.Fatalf("nothing is chosen from, with %v", err)
			}
			return
		}
		chosen := make(map[int64]bool)
		for _, e := range r.Events {
			if choice.Has(e.Seq) {
				chosen[e.Seq] = true
			}
		}
		if int(choice.Len()) != len(chosen) {
			t.Errorf("%d events are chosen, of which %d are there", choice.Len(), len(chosen))
		}
	})
}

func BenchmarkChoose(b *testing.B) {
	path := written(b, strings.Repeat(conversation, 4000))
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	for _, words := range []string{"tool:echo", "is:error", "nowhere", "from:host method:tools/* is:unanswered"} {
		b.Run(words, func(b *testing.B) {
			b.SetBytes(info.Size())
			b.ReportAllocs()
			parsed, err := filter.Parse(strings.Fields(words))
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := parsed.Choose(path); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
