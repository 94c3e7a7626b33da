package redact

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"
)

// Parse makes a Redactor of rules, each of one of the forms
//
//	key:NAME       the value of every member of this name. Case does not matter;
//	               "*", "?" and "[a-z]" are as in file names
//	path:PATH      what stands there in a message: a JSON pointer with "*" for any
//	               member or element (/params/arguments/pin), or a JSONPath of
//	               names, indexes from 0, wildcards and descendants ($.result..pin,
//	               $['params'].list[*])
//	value:REGEXP   what matches in any string, in stderr, junk, arguments and file
//	               names; of a match, its first group if it has one
//	env:NAME       the value that this variable of the environment has now
//	preset:common  what is usually secret: see below
//
// In a batch, a path begins at each message. The values null, true, false, "", {}
// and [] tell nothing and stay; so do id, method and jsonrpc of a message, unless a
// secret stands in them that is known from elsewhere. In the schemas of tools and
// of what a user is asked for, keys find only samples and defaults. Strings that
// hold JSON are looked at as JSON, but by no path. In other text, these count as
// members: NAME=value; "NAME": value; NAME: "value" and NAME = "value"; a line
// "NAME: value" or "NAME = value" whose value is one word; 'NAME: word' in quotes;
// <NAME>value</NAME>; and --NAME value, if the value is in quotes, has a digit or is
// long.
//
// The preset knows the usual names (authorization, api_key, token, password,
// cookie, …) and the shape of the tokens of AWS, GitHub, GitLab, Slack, OpenAI,
// Anthropic, Google, Stripe and npm, JSON Web Tokens, private keys, bearer and
// basic authorization, and passwords in URLs. It leaves alone what a session
// needs: ids, cursors, progress tokens, request states.
//
// The error names the rule that is wrong. A variable that is not set, or too
// short to be searched for, is one.
func Parse(words []string) (*Redactor, error) {
	r := &Redactor{vault: newVault(), rules: rules{names: make(map[string]about)}}
	for _, word := range words {
		form, rest, ok := strings.Cut(word, ":")
		if !ok || rest == "" {
			return nil, fmt.Errorf("redaction rule %q is not of the form KIND:WHAT", word)
		}
		if err := r.add(form, rest); err != nil {
			return nil, fmt.Errorf("redaction rule %q: %w", word, err)
		}
	}
	return r, nil
}

func (r *Redactor) add(form, rest string) error {
	switch form {
	case "key":
		return r.addKey(rest)
	case "path":
		p, err := parsePath(rest)
		r.rules.paths = append(r.rules.paths, p)
		r.clue(p.literal())
		return err
	case "value":
		re, err := regexp.Compile(rest)
		if err != nil {
			return err
		}
		r.rules.values = append(r.rules.values, re)
		prefix, _ := re.LiteralPrefix()
		r.clue(prefix)
		return nil
	case "env":
		value, ok := os.LookupEnv(rest)
		if !ok || len(value) < shortest {
			return fmt.Errorf("the variable is not set to at least %d bytes", shortest)
		}
		r.vault.know(value, title(rest))
		return nil
	case "preset":
		if rest != "common" {
			return fmt.Errorf("the presets are: common")
		}
		r.addCommon()
		return nil
	}
	return fmt.Errorf("the kinds are: key, path, value, env, preset")
}

func (r *Redactor) addKey(glob string) error {
	glob = strings.ToLower(glob)
	if _, err := path.Match(glob, ""); err != nil {
		return err
	}
	plain := strings.Map(func(c rune) rune {
		if strings.ContainsRune(`*?[]\^`, c) {
			return ' '
		}
		return c
	}, glob)
	r.rules.keys = append(r.rules.keys, keyRule{glob: noSlash(glob), name: title(plain)})
	if strings.ContainsAny(glob, `[\`) {
		r.rules.always = true
		return nil
	}
	longest := ""
	for _, part := range strings.Fields(plain) {
		if len(part) > len(longest) {
			longest = part
		}
	}
	r.clue(longest)
	r.clue(strings.ReplaceAll(longest, "_", "-"))
	return nil
}

// clue notes that a rule applies only to what has this text in it.
func (r *Redactor) clue(text string) {
	n, ok := clueOf(text)
	if !ok {
		r.rules.always = true
		return
	}
	r.vault.search.add(n)
}

// shortest is how long the value of a variable is.
const shortest = 4

// rules tell what is secret.
type rules struct {
	keys   []keyRule
	preset bool // the names of the preset are keys too
	paths  []jsonPath
	values []*regexp.Regexp
	names  map[string]about // what is known of names that were seen
	always bool             // there is a rule that may apply to any text
}

type keyRule struct{ glob, name string }

// match tells what found a secret: a key, or a path.
type match struct {
	name string // of the secret; empty if nothing did
	key  bool
}

// noSlash makes path.Match treat a slash as any other character.
func noSlash(text string) string { return strings.ReplaceAll(text, "/", "\x00") }

// mostNames is how many decisions are remembered.
const mostNames = 4096

// about is what a name tells.
type about struct {
	secret string // how the value is named, if a rule knows the name
	spared bool   // the preset leaves the value alone
	schema bool   // the value describes values
}

// about tells what is known of a name.
func (r *rules) about(name []byte) about {
	if known, ok := r.names[string(name)]; ok {
		return known
	}
	a := about{secret: r.decide(string(name)), spared: spared[string(name)], schema: schemas[string(name)]}
	if len(r.names) < mostNames && len(name) <= longestName {
		r.names[string(name)] = a
	}
	return a
}

// key tells how the value of a member is named, if a rule knows the member.
func (r *rules) key(name []byte) (string, bool) {
	found := r.about(name).secret
	return found, found != ""
}

func (r *rules) decide(name string) string {
	lower := noSlash(strings.ToLower(name))
	for _, k := range r.keys {
		if ok, _ := path.Match(k.glob, lower); ok {
			return k.name
		}
	}
	if r.preset {
		return commonKey(name)
	}
	return ""
}

// flag does the same for words in which "-" may stand for "_".
func (r *rules) flag(name []byte) (string, bool) {
	if found, ok := r.key(name); ok || bytes.IndexByte(name, '-') < 0 {
		return found, ok
	}
	return r.key(bytes.ReplaceAll(name, []byte("-"), []byte("_")))
}

// envelope are the members of a message that are never secret by a rule: a
// session cannot do without them.
var envelope = map[string]bool{"jsonrpc": true, "id": true, "method": true}

// spared are the members that the preset leaves alone.
var spared = map[string]bool{
	"progressToken": true, "cursor": true, "nextCursor": true, "requestState": true, "taskId": true, "requestId": true,
}

// schemas are the members that describe values.
var schemas = map[string]bool{"inputSchema": true, "outputSchema": true, "requestedSchema": true}

// samples are the members of a schema that have values.
var samples = map[string]bool{"default": true, "const": true, "enum": true, "example": true, "examples": true}

// member enters a member of an object: where its value stands, and what finds
// it.
func (r *rules) member(in where, name []byte) (where, match) {
	if in.top && envelope[string(name)] {
		return where{spared: true}, match{}
	}
	a := r.about(name)
	child := where{
		spared:    in.spared || a.spared,
		schema:    in.schema || a.schema,
		described: in.described,
	}
	var by match
	if child.paths, by.name = advance(in.paths, name, -1); by.name != "" {
		return child, by
	}
	if in.described != "" && samples[string(name)] {
		return child, match{name: in.described}
	}
	return child, match{name: a.secret, key: a.secret != ""}
}
