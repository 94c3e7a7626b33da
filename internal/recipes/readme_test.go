package recipes_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// root is the folder of the module.
var root = filepath.Join("..", "..")

// The sections whose recipes are run.
const (
	capture = "Capture a fixture"
	replay  = "Replay"
	ask     = "Ask a new build"
)

// section is a part of the README, by its head.
func section(t *testing.T, head string) string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(strings.ReplaceAll(string(readme), "\r\n", "\n"), "\n## "+head+"\n")
	if !found {
		t.Fatalf("the README lacks the section %q", head)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	return text + "\n"
}

// recipe is the one block of code in a language that a section has.
func recipe(t *testing.T, head, language string) string {
	t.Helper()
	return between(t, "\n"+section(t, head), "\n```"+language+"\n", "\n```\n") + "\n"
}

// between is what stands between two strings, the first of which is there exactly once.
func between(t *testing.T, text, before, after string) string {
	t.Helper()
	if n := strings.Count(text, before); n != 1 {
		t.Fatalf("the section of the README has %d times %q, want 1", n, before)
	}
	_, text, _ = strings.Cut(text, before)
	text, _, found := strings.Cut(text, after)
	if !found {
		t.Fatalf("the section of the README lacks %q after %q", after, before)
	}
	return text
}

// said is what the README shows to be said when a recipe calls add with 41 in place of 40.
func said(t *testing.T) string {
	t.Helper()
	for line := range strings.Lines(recipe(t, replay, "console")) {
		if line, ok := strings.CutPrefix(line, "wiretape: "); ok {
			return strings.TrimSpace(line)
		}
	}
	t.Fatal("the README does not show what is said of a call that was not recorded")
	return ""
}

// commands are the command lines of a section's block of console.
func commands(t *testing.T, head string) []string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(recipe(t, head, "console")) {
		if line, ok := strings.CutPrefix(line, "$ "); ok {
			lines = append(lines, strings.ReplaceAll(strings.TrimSpace(line), ".jsonl#8", ".jsonl'#8'"))
		}
	}
	return lines
}

// replace is strings.Replace of what is in the text exactly once.
func replace(t *testing.T, text, old, with string) string {
	t.Helper()
	if n := strings.Count(text, old); n != 1 {
		t.Fatalf("%q is there %d times, want 1, in:\n%s", old, n, text)
	}
	return strings.Replace(text, old, with, 1)
}
