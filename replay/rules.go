package replay

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"reflect"
	"slices"

	"wiretape/internal/compare"
)

// Rule says what is different for some calls. What is empty stays as the
// Options have it.
type Rule struct {
	Method    string    `json:"method,omitempty"` // of the calls, such as "tools/call"; empty for all
	Name      string    `json:"name,omitempty"`   // of their tool or prompt, or the URI of their resource; empty for all
	Match     Match     `json:"match,omitempty"`
	Exhausted Exhausted `json:"exhausted,omitempty"`
	Ignore    []string  `json:"ignore,omitempty"` // also, besides what the Options say
	Expect    []string  `json:"expect,omitempty"` // in answers; for wiretape verify, which also goes by Ignore
}

// ReadRules reads rules from a JSON file such as
//
//	{"rules": [{"method": "tools/call", "name": "now", "ignore": ["/params/arguments/zone"]}]}
func ReadRules(path string) ([]Rule, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading rules: %w", err)
	}
	var file struct {
		Rules []Rule `json:"rules"`
	}
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	if err = misread(in.Decode(&file)); err == nil && in.Decode(new(any)) != io.EOF {
		err = errors.New("something follows the rules")
	}
	for i, r := range file.Rules {
		if _, wrong := r.compile(Options{}); wrong != nil && err == nil {
			err = fmt.Errorf("rule %d: %w", i+1, wrong)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("reading rules from %s: %w", path, err)
	}
	return file.Rules, nil
}

// misread says in plain words why a file of rules cannot be read.
func misread(err error) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("the file is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the file ends too early")
	case !errors.As(err, &wrong):
		return err
	}
	right := map[reflect.Kind]string{reflect.Struct: "an object", reflect.Slice: "an array"}[wrong.Type.Kind()]
	article := "a"
	if wrong.Value == "array" || wrong.Value == "object" {
		article = "an"
	}
	return fmt.Errorf("%s has %s %s where there should be %s", cmp.Or(wrong.Field, "the file"), article, wrong.Value, cmp.Or(right, "a string"))
}

// rules are what a request is read by.
type rules struct {
	list []rule // the last one fits all
}

// rule is a Rule made ready.
type rule struct {
	Rule
	level   level
	ignores [levels]ignores
}

// compile makes the options ready, and says what is wrong with them.
func (o Options) compile() (*rules, error) {
	if o.Speed < 0 || math.IsNaN(o.Speed) || math.IsInf(o.Speed, 0) {
		return nil, fmt.Errorf("the speed is 0 or more, not %v", o.Speed)
	}
	all := &rules{}
	for _, r := range append(slices.Clone(o.Rules), Rule{}) {
		ready, err := r.compile(o)
		if err != nil {
			return nil, err
		}
		all.list = append(all.list, ready)
	}
	return all, nil
}

// compile makes a rule ready that has what it lacks from the options.
func (r Rule) compile(o Options) (rule, error) {
	r.Ignore = slices.Concat(o.Ignore, r.Ignore)
	r.Match = cmp.Or(r.Match, o.Match, Params)
	r.Exhausted = cmp.Or(r.Exhausted, o.Exhausted)
	by, ok := map[Match]level{Strict: strictly, Params: byParams, Method: byName}[r.Match]
	if !ok {
		return rule{}, fmt.Errorf("calls are matched by strict, params or method, not by %q", r.Match)
	}
	if !slices.Contains([]Exhausted{"", Fail, Last, Cycle}, r.Exhausted) {
		return rule{}, fmt.Errorf("when answers are used up there is error, last or cycle, not %q", r.Exhausted)
	}
	pointers, err := compare.ParsePointers(r.Ignore...)
	if err != nil {
		return rule{}, fmt.Errorf("what to ignore: %w", err)
	}
	ready := rule{Rule: r, level: by}
	for l := range ready.ignores {
		ready.ignores[l] = newIgnores(level(l), pointers)
	}
	return ready, nil
}

// of gives the rule for a call.
func (rs *rules) of(method, name string) *rule {
	last := len(rs.list) - 1
	for i := range rs.list[:last] {
		r := &rs.list[i]
		if (r.Method == "" || r.Method == method) && (r.Name == "" || r.Name == name) {
			return r
		}
	}
	return &rs.list[last]
}
