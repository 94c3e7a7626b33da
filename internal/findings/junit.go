package findings

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"wiretape/internal/printable"
)

// The format "junit" fits both schemas in use: the stricter one of Apache Ant
// (JUnit.xsd of Windy Road), which wants every attribute and element in its
// place and one failure at most to a test case, and junit-10.xsd of Jenkins.
// A file is a test suite, and a call that was compared is a test case. What
// differs is a failure. What could not be run is an error, of a test case of its
// own.

type junitSuites struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name      string `xml:"name,attr"`
	Package   string `xml:"package,attr"`
	ID        int    `xml:"id,attr"`
	Timestamp string `xml:"timestamp,attr"`
	Hostname  string `xml:"hostname,attr"`
	junitCounts
	Time       string          `xml:"time,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
	Out        junitText       `xml:"system-out"`
	Err        junitText       `xml:"system-err"`
}

type junitCounts struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	Classname string        `xml:"classname,attr"`
	Time      string        `xml:"time,attr"`
	Error     *junitProblem `xml:"error"`
	Failure   *junitProblem `xml:"failure"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",cdata"`
}

// junitText has to be there even if it is empty.
type junitText struct {
	Text string `xml:",cdata"`
}

func writeJUnit(w *bufio.Writer, s *Set) error {
	var doc junitSuites
	for i := range s.Files {
		doc.Suites = append(doc.Suites, junitSuiteOf(s, i))
	}
	w.WriteString(xml.Header)
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(doc); err != nil {
		return err
	}
	return w.WriteByte('\n')
}

func junitSuiteOf(s *Set, index int) junitSuite {
	f := &s.Files[index]
	suite := junitSuite{
		Name:       token(f.Path),
		Package:    token(packageOf(f.Path)),
		ID:         index,
		Timestamp:  s.Started.UTC().Format("2006-01-02T15:04:05"),
		Hostname:   "localhost",
		Time:       decimal(f.Duration),
		Properties: []junitProperty{{"program", printable.Escape(s.program())}},
	}
	if s.Version != "" {
		suite.Properties = append(suite.Properties, junitProperty{"version", printable.Escape(s.Version)})
	}
	if f.Against != "" {
		suite.Properties = append(suite.Properties, junitProperty{"against", printable.Escape(f.Against)})
	}
	for i := range f.Calls {
		suite.add(f, &f.Calls[i])
	}
	if len(f.Findings) > 0 {
		suite.add(f, &Call{Findings: f.Findings})
	}
	if f.Problem != "" {
		problem := printable.Escape(sentence(f.Problem))
		suite.Tests++
		suite.Errors++
		suite.Cases = append(suite.Cases, junitCase{
			Name:      "run to the end",
			Classname: suite.Package,
			Time:      decimal(0),
			Error:     &junitProblem{Message: problem, Type: "stopped", Text: strings.TrimSpace(problem + "\n" + escapeLines(f.Stderr))},
		})
	}
	return suite
}

// add adds a test case. What is no failure is told in the suite's output.
func (s *junitSuite) add(f *File, c *Call) {
	name := token(c.title())
	if c.Seq > 0 {
		name += fmt.Sprintf(", event %d", c.Seq)
	}
	test := junitCase{Name: name, Classname: s.Package, Time: decimal(c.Duration)}
	switch {
	case !c.Same():
		s.Failures++
		test.Failure = failure(f, c)
	case len(c.Findings) > 0:
		s.Out.Text += plain(f, c) + "\n"
	}
	s.Tests++
	s.Cases = append(s.Cases, test)
}

// failure tells all findings of a call, and is named after the worst.
func failure(f *File, c *Call) *junitProblem {
	worst := &c.Findings[0]
	for i := range c.Findings {
		if g := &c.Findings[i]; g.weight() > worst.weight() {
			worst = g
		}
	}
	message := printable.Escape(sentence(worst.message()))
	if worst.About != "" {
		message = printable.Cut(worst.About, defaultWidth/2) + ": " + message
	}
	if others := len(c.Findings) - 1; others > 0 {
		message += fmt.Sprintf(" (and %s)", count(others, "other"))
	}
	return &junitProblem{Message: message, Type: token(worst.Rule), Text: "\n" + plain(f, c)}
}

// weight is how much a finding matters.
func (f *Finding) weight() int {
	switch severity := f.severity(); {
	case f.Breaking:
		return 3
	case severity == Error:
		return 2
	case severity == Warning:
		return 1
	}
	return 0
}

// plain is what the format "text" says of a call.
func plain(f *File, c *Call) string {
	var b strings.Builder
	p := page{Writer: bufio.NewWriter(&b), width: defaultWidth}
	p.call(f, c)
	p.Flush()
	return strings.TrimPrefix(b.String(), "\n")
}

// packageOf makes a name of a path, as those of Java classes are.
func packageOf(path string) string {
	path = strings.TrimSuffix(strings.TrimSuffix(filepath.ToSlash(path), ".zst"), ".jsonl")
	return strings.ReplaceAll(strings.TrimLeft(path, "./"), "/", ".")
}

// token is text that is escaped and not empty, as the schema wants it.
func token(text string) string {
	if text = printable.Escape(text); strings.TrimSpace(text) == "" {
		return "?"
	}
	return text
}

func decimal(d time.Duration) string { return fmt.Sprintf("%.3f", max(0, d).Seconds()) }

func (s *Set) program() string {
	if s.Program == "" {
		return "wiretape"
	}
	return s.Program
}
