package proxy

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"wiretape/internal/wire"
)

// catalog is the tool list that the host was given last, and the names that
// the control tools have in it. It outlives the target that it came from.
type catalog struct {
	prefix string
	moved  int  // how often the control tools had to take other names
	listed bool // the host was shown the control tools

	result []byte   // the first page's result as the target gave it; nil if unknown
	pages  [][]byte // the raw tools arrays of the pages seen
	next   []byte   // raw cursor of the page to follow; nil when all were seen
}

// The control tools, by what they do.
const (
	connect    = "connect"
	disconnect = "disconnect"
	status     = "status"
)

// name gives the present name of a control tool.
func (c *catalog) name(role string) string {
	switch {
	case c.moved == 0:
		return c.prefix + role
	case c.prefix == "":
		return numbered("wiretape", c.moved-1) + "_" + role
	}
	return numbered(strings.TrimSuffix(c.prefix, "_"), c.moved) + "_" + role
}

func numbered(s string, n int) string {
	if n == 0 {
		return s
	}
	return fmt.Sprint(s, n+1)
}

// role tells which control tool a call of name means, "" for none.
//
// A name with the prefix is ours even if the host never asked for a list, so
// that a script may call it right away; a bare name such as "status" is only
// ours when we listed it.
func (c *catalog) role(name string) string {
	if name == "" || (c.prefix == "" && !c.listed) {
		return ""
	}
	for _, role := range []string{connect, disconnect, status} {
		if name == c.name(role) {
			return role
		}
	}
	return ""
}

// page takes note of a page of the target's list, and reports whether the
// control tools have to change their names for it.
func (c *catalog) page(cursor, result []byte) (renamed bool) {
	tools := bytes.Clone(wire.Get(result, "tools"))
	switch {
	case cursor == nil:
		c.result, c.pages, c.next = bytes.Clone(result), [][]byte{tools}, nextCursor(result)
	case bytes.Equal(cursor, c.next):
		c.pages, c.next = append(c.pages, tools), nextCursor(result)
	}
	// Any other page is of a list that is not the last one asked for; its
	// names count all the same.
	names := toolNames(tools)
	for slices.ContainsFunc(names, c.isOurs) {
		c.moved++
		renamed = true
	}
	return renamed
}

// nextCursor gives the raw cursor of the page behind result, nil if it is the
// last one.
func nextCursor(result []byte) []byte {
	cursor := wire.Get(result, "nextCursor")
	if string(cursor) == "null" {
		return nil
	}
	return bytes.Clone(cursor)
}

func (c *catalog) isOurs(name string) bool {
	return slices.Contains([]string{c.name(connect), c.name(disconnect), c.name(status)}, name)
}

// tools gives all tools of the target that are known, raw and with commas
// between them.
func (c *catalog) tools() []byte {
	var all [][]byte
	for _, page := range c.pages {
		for tool := range wire.Elements(page) {
			all = append(all, tool)
		}
	}
	return bytes.Join(all, []byte{','})
}

func toolNames(tools []byte) []string {
	var names []string
	for tool := range wire.Elements(tools) {
		name, _ := wire.Text(wire.Get(tool, "name"))
		names = append(names, name)
	}
	return names
}

// toolChanges tells how a tool list differs from the one before it, by names.
type toolChanges struct {
	Added   []string `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"`
	Changed []string `json:"changed,omitempty"`
}

func (t toolChanges) any() bool { return len(t.Added)+len(t.Removed)+len(t.Changed) > 0 }

// changesFrom compares the list with an older one.
func (c *catalog) changesFrom(old *catalog) toolChanges {
	was, is := old.byName(), c.byName()
	var t toolChanges
	for name, tool := range is {
		if before, ok := was[name]; !ok {
			t.Added = append(t.Added, name)
		} else if before != tool {
			t.Changed = append(t.Changed, name)
		}
	}
	for name := range was {
		if _, ok := is[name]; !ok {
			t.Removed = append(t.Removed, name)
		}
	}
	slices.Sort(t.Added)
	slices.Sort(t.Removed)
	slices.Sort(t.Changed)
	return t
}

func (c *catalog) byName() map[string]string {
	tools := map[string]string{}
	for _, page := range c.pages {
		for tool := range wire.Elements(page) {
			name, _ := wire.Text(wire.Get(tool, "name"))
			tools[name] = string(tool)
		}
	}
	return tools
}
