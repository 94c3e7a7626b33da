package findings

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// The format "json" is documented with the package.

type jsonSet struct {
	Program string     `json:"program"`
	Version string     `json:"version,omitempty"`
	Started string     `json:"started,omitempty"`
	Status  int        `json:"status"`
	Files   []jsonFile `json:"files"`
	Summary tally      `json:"summary"`
}

type jsonFile struct {
	Path      string        `json:"path"`
	Against   string        `json:"against,omitempty"`
	Calls     int           `json:"calls"`
	Different int           `json:"different"`
	Seconds   float64       `json:"seconds"`
	Problem   string        `json:"problem,omitempty"`
	Stderr    string        `json:"stderr,omitempty"`
	Findings  []jsonFinding `json:"findings"`
}

type jsonFinding struct {
	jsonPlace
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	Breaking bool     `json:"breaking"`
	About    string   `json:"about,omitempty"`
	Pointer  string   `json:"pointer,omitempty"`
	Message  string   `json:"message"`
	jsonValues
}

type jsonPlace struct {
	Seq    int64  `json:"seq,omitempty"`
	Line   int64  `json:"line,omitempty"`
	Method string `json:"method,omitempty"`
	Name   string `json:"name,omitempty"`
}

type jsonValues struct {
	Recorded    json.RawMessage `json:"recorded,omitempty"`
	RecordedRaw *string         `json:"recorded_raw,omitempty"`
	Live        json.RawMessage `json:"live,omitempty"`
	LiveRaw     *string         `json:"live_raw,omitempty"`
}

func document(s *Set) jsonSet {
	doc := jsonSet{
		Program: s.program(),
		Version: s.Version,
		Status:  s.Status(),
		Files:   make([]jsonFile, len(s.Files)),
		Summary: s.tally(),
	}
	if !s.Started.IsZero() {
		doc.Started = s.Started.UTC().Format(time.RFC3339Nano)
	}
	for i := range s.Files {
		doc.Files[i] = jsonFileOf(&s.Files[i])
	}
	return doc
}

func jsonFileOf(f *File) jsonFile {
	file := jsonFile{
		Path:      f.Path,
		Against:   f.Against,
		Calls:     len(f.Calls),
		Different: f.differentCalls(),
		Seconds:   f.Duration.Seconds(),
		Problem:   f.Problem,
		Stderr:    f.Stderr,
		Findings:  []jsonFinding{},
	}
	for _, c := range f.groups() {
		for i := range c.Findings {
			file.Findings = append(file.Findings, jsonFindingOf(f, &c, &c.Findings[i]))
		}
	}
	return file
}

func jsonFindingOf(file *File, c *Call, f *Finding) jsonFinding {
	seq := f.seq(c)
	found := jsonFinding{
		jsonPlace: jsonPlace{Seq: seq, Line: file.line(seq), Method: c.Method, Name: c.Name},
		Rule:      f.Rule,
		Severity:  f.severity(),
		Breaking:  f.Breaking,
		About:     f.About,
		Pointer:   f.Pointer,
		Message:   sentence(f.message()),
	}
	found.Recorded, found.RecordedRaw = jsonValue(f.Recorded)
	found.Live, found.LiveRaw = jsonValue(f.Live)
	return found
}

// embedDepth is how deep a value may be that stands in the document as it is:
// readers have their limits.
const embedDepth = 1000

// jsonValue gives value as it stands, or as a string if it is no JSON.
func jsonValue(value []byte) (json.RawMessage, *string) {
	if value == nil {
		return nil, nil
	}
	if depth(value) <= embedDepth && utf8.Valid(value) && json.Valid(value) {
		return value, nil
	}
	text := string(value)
	return nil, &text
}

// writeJSON writes value on one line.
func writeJSON(w *bufio.Writer, value any) error {
	var doc bytes.Buffer
	encoder := json.NewEncoder(&doc)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	writeHarmless(w, doc.Bytes())
	return nil
}

// writeHarmless writes JSON with escapes for what a terminal should not see:
// it can only stand in strings.
func writeHarmless(w *bufio.Writer, doc []byte) {
	for len(doc) > 0 {
		plain := 0
		for plain < len(doc) && doc[plain] < 0x7f {
			plain++
		}
		w.Write(doc[:plain])
		doc = doc[plain:]
		if len(doc) == 0 {
			return
		}
		r, size := utf8.DecodeRune(doc)
		switch {
		case strconv.IsGraphic(r):
			w.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(w, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(w, `\u%04x`, r)
		}
		doc = doc[size:]
	}
}
