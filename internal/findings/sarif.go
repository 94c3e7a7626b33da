package findings

import (
	"crypto/sha256"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// The format "sarif" is SARIF 2.1.0, an OASIS standard, with what GitHub's code
// scanning requires on top of it.

const sarifSchema = "https://json.schemastore.org/sarif-2.1.0.json"

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	Invocations []sarifInvocation `json:"invocations"`
	Results     []sarifResult     `json:"results"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version,omitempty"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID      string       `json:"id"`
	Short   sarifMessage `json:"shortDescription"`
	Full    sarifMessage `json:"fullDescription"`
	Help    sarifMessage `json:"help"`
	Default struct {
		Level Severity `json:"level"`
	} `json:"defaultConfiguration"`
}

type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	ExitCode      int                 `json:"exitCode"`
	Started       string              `json:"startTimeUtc,omitempty"`
	Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

type sarifNotification struct {
	Level     Severity        `json:"level"`
	Message   sarifMessage    `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifResult struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"` // -1, which the standard takes for none, if the table does not have it
	Level        Severity          `json:"level"`
	Message      sarifMessage      `json:"message"`
	Locations    []sarifLocation   `json:"locations"`
	Fingerprints map[string]string `json:"partialFingerprints"`
	Properties   sarifProperties   `json:"properties"`
}

type sarifProperties struct {
	Breaking bool   `json:"breaking"`
	Pointer  string `json:"pointer,omitempty"`
}

type sarifMessage struct {
	Text string `json:"text"`
}

type sarifLocation struct {
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact struct {
		URI string `json:"uri"`
	} `json:"artifactLocation"`
	Region struct {
		StartLine int64 `json:"startLine"`
	} `json:"region"`
}

type sarifLogical struct {
	Name string `json:"name,omitempty"`
	Full string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

func sarifOf(s *Set) sarifLog {
	run := sarifRun{Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: s.program(), Version: s.Version}
	for _, r := range Rules {
		text := sarifMessage{r.Text}
		rule := sarifRule{ID: r.ID, Short: text, Full: text, Help: text}
		rule.Default.Level = r.Severity
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, rule)
	}
	invocation := sarifInvocation{Successful: true, ExitCode: s.Status()}
	if !s.Started.IsZero() {
		invocation.Started = s.Started.UTC().Format(time.RFC3339)
	}
	for i := range s.Files {
		f := &s.Files[i]
		run.Results = append(run.Results, sarifResults(f)...)
		if f.Problem != "" {
			invocation.Successful = false
			invocation.Notifications = append(invocation.Notifications, sarifNotification{
				Level:     Error,
				Message:   sarifText(sentence(f.Problem)),
				Locations: []sarifLocation{{Physical: sarifPlace(f, 0)}},
			})
		}
	}
	run.Invocations = []sarifInvocation{invocation}
	return sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}}
}

func sarifResults(file *File) []sarifResult {
	var results []sarifResult
	seen := map[string]int{}
	for _, c := range file.groups() {
		for i := range c.Findings {
			f := &c.Findings[i]
			result := sarifResult{
				RuleID:     f.Rule,
				RuleIndex:  ruleIndex(f.Rule),
				Level:      f.severity(),
				Message:    sarifText(f.brief()),
				Locations:  []sarifLocation{{Physical: sarifPlace(file, f.seq(&c)), Logical: sarifCall(&c, f)}},
				Properties: sarifProperties{f.Breaking, f.Pointer},
			}
			result.Fingerprints = map[string]string{"wiretape/v1": fingerprint(&c, f, seen)}
			results = append(results, result)
		}
	}
	return results
}

// sarifPlace is a line of a recording. One has to be named, even where there
// are none or it is not known: the first.
func sarifPlace(f *File, seq int64) sarifPhysical {
	var place sarifPhysical
	place.Artifact.URI = uri(f.Path)
	place.Region.StartLine = max(1, f.line(seq))
	return place
}

func sarifCall(c *Call, f *Finding) []sarifLogical {
	if c.Method == "" && f.About == "" {
		return nil
	}
	full := c.title()
	if f.About != "" {
		full += " " + f.About
	}
	name := f.About
	if name == "" {
		name = c.Name
	}
	return []sarifLogical{{Name: name, Full: full, Kind: "function"}}
}

// uri gives a path as a URI: a relative one stays relative.
func uri(path string) string {
	u := url.URL{Path: filepath.ToSlash(path)}
	if filepath.IsAbs(path) {
		u.Scheme = "file"
		u.Path = "/" + strings.TrimPrefix(u.Path, "/")
	}
	return u.String()
}

// sarifText obeys section 3.11.5 of the standard, "Messages with placeholders":
// braces are doubled. Nor may a message hold a link by chance (3.11.6).
func sarifText(text string) sarifMessage {
	return sarifMessage{strings.NewReplacer("{", "{{", "}", "}}", "](", "] (").Replace(text)}
}

// fingerprint stays the same from run to run, and when lines are put into the
// recording: it is made neither of values nor of numbers of lines. What has the
// same one is counted.
func fingerprint(c *Call, f *Finding, seen map[string]int) string {
	key := strings.Join([]string{c.Method, c.Name, f.Rule, f.About, f.Pointer}, "\x00")
	seen[key]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, seen[key]))
	return fmt.Sprintf("%x", sum[:16])
}
