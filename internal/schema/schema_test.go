package schema

import (
	"strings"
	"testing"

	"wiretape/internal/compare"
)

// schemaTests are changes of a schema, and whether they break who sends what it is of, and who gets it.
var schemaTests = []struct {
	name, before, now string
	takes, gives      bool // breaks
}{
	{"the same", `{"type":"object","properties":{"a":{"type":"string"}}}`, `{"type":"object","properties":{"a":{"type":"string"}}}`, false, false},
	{"descriptions", `{"type":"string","description":"a","title":"A"}`, `{"type":"string","description":"b","default":"c"}`, false, false},
	{"another type", `{"type":"string"}`, `{"type":"number"}`, true, true},
	{"null besides", `{"type":"string"}`, `{"type":["string","null"]}`, false, true},
	{"null no more", `{"type":["null","string"]}`, `{"type":"string"}`, true, false},
	{"null besides, as a choice", `{"type":"string"}`, `{"anyOf":[{"type":"string"},{"type":"null"}]}`, false, true},
	{"a choice, spelled as types", `{"anyOf":[{"type":"string"},{"type":"null"}]}`, `{"type":["string","null"]}`, false, false},
	{"fractions besides", `{"type":"integer"}`, `{"type":"number"}`, false, true},
	{"a type where there was none", `{}`, `{"type":"string"}`, true, false},

	{"required", `{"type":"object","properties":{"a":{}}}`, `{"type":"object","properties":{"a":{}},"required":["a"]}`, true, false},
	{"required in another order", `{"required":["a","b"]}`, `{"required":["b","a"]}`, false, false},
	{"one more required", `{"required":["a"]}`, `{"required":["b","a"]}`, true, false},
	{"an optional property", `{"type":"object","properties":{}}`, `{"type":"object","properties":{"a":{"type":"string"}}}`, false, false},
	{"an optional property, closed", `{"properties":{},"additionalProperties":false}`, `{"properties":{"a":{"type":"string"}},"additionalProperties":false}`, false, false},
	{"a property gone", `{"properties":{"a":{"type":"string"}}}`, `{"properties":{}}`, false, true},
	{"a property gone, closed", `{"properties":{"a":{}},"additionalProperties":false}`, `{"properties":{},"additionalProperties":false}`, true, true},
	{"a property gone that others are like", `{"properties":{"a":{"type":"string"}}}`, `{"additionalProperties":{"type":"string"}}`, true, false},
	{"a property with a pattern", `{"properties":{"a":{}},"additionalProperties":false}`, `{"patternProperties":{"^a":{}},"additionalProperties":false}`, false, false},
	{"closed", `{"properties":{"a":{}}}`, `{"properties":{"a":{}},"additionalProperties":false}`, true, false},
	{"opened", `{"properties":{"a":{}},"additionalProperties":false}`, `{"properties":{"a":{}}}`, false, false},
	{"others of another type", `{"additionalProperties":{"type":"string"}}`, `{"additionalProperties":{"type":"number"}}`, true, false},
	{"within a property", `{"properties":{"a":{"properties":{"b":{"type":"string"}}}}}`, `{"properties":{"a":{"properties":{"b":{"type":"null"}}}}}`, true, true},
	{"within elements", `{"type":"array","items":{"type":"string"}}`, `{"type":"array","items":{"type":"number"}}`, true, true},
	{"elements of a type", `{"type":"array"}`, `{"type":"array","items":{"type":"number"}}`, true, false},
	{"a tuple", `{"type":"array","prefixItems":[{"type":"string"}]}`, `{"type":"array","items":{"type":"number"}}`, false, false},

	{"a value more", `{"enum":["a","b"]}`, `{"enum":["b","a","c"]}`, false, true},
	{"a value less", `{"enum":["a","b"]}`, `{"enum":["b"]}`, true, false},
	{"values in another order", `{"enum":["a","b",1]}`, `{"enum":[1.0,"b","a"]}`, false, false},
	{"values where there were none", `{"type":"string"}`, `{"type":"string","enum":["a"]}`, true, false},
	{"a value that stays", `{"const":"a"}`, `{"enum":["a","b"]}`, false, true},
	{"another value", `{"const":"a"}`, `{"const":"b"}`, true, true},
	{"values as a choice", `{"enum":["a","b"]}`, `{"anyOf":[{"const":"a"},{"const":"b"}]}`, false, false},
	{"values that fit a type", `{"enum":["a",2]}`, `{"type":["string","integer"]}`, false, true},
	{"values that are too long", `{"enum":["a","long"]}`, `{"type":"string","maxLength":2}`, true, true},
	{"values that do not fit", `{"enum":["a","long"],"maxLength":2}`, `{"enum":["a"]}`, false, false},
	{"both truths", `{"type":"boolean"}`, `{"enum":[true,false]}`, false, false},
	{"one truth", `{"type":"boolean"}`, `{"const":true}`, true, false},

	{"a choice more", `{"anyOf":[{"type":"string"}]}`, `{"anyOf":[{"type":"number"},{"type":"string"}]}`, false, true},
	{"a choice less", `{"oneOf":[{"type":"string"},{"type":"number"}]}`, `{"oneOf":[{"type":"number"}]}`, true, false},
	{"choices in another order", `{"anyOf":[{"required":["a"]},{"required":["b"]}]}`, `{"oneOf":[{"required":["b"]},{"required":["a"]}]}`, false, false},
	{
		"a choice with more required",
		`{"anyOf":[{"properties":{"k":{"const":1}},"required":["k"]},{"properties":{"k":{"const":2}},"required":["k"]}]}`,
		`{"anyOf":[{"properties":{"k":{"const":1}},"required":["k"]},{"properties":{"k":{"const":2}},"required":["k","l"]}]}`, true, false,
	},
	{"a choice besides properties", `{"properties":{"a":{"type":"string"}},"anyOf":[{"required":["a"]},{"required":["b"]}]}`, `{"properties":{"a":{"type":"null"}},"anyOf":[{"required":["a"]},{"required":["b"]}]}`, true, true},

	{"another reference to the same", `{"$ref":"#/$defs/a","$defs":{"a":{"type":"string"}}}`, `{"$ref":"#/$defs/b","$defs":{"b":{"type":"string"}}}`, false, false},
	{"the reference's target", `{"$ref":"#/$defs/a","$defs":{"a":{"type":"string"}}}`, `{"$ref":"#/$defs/a","$defs":{"a":{"type":"null"}}}`, true, true},
	{"a reference spelled out", `{"items":{"$ref":"#/definitions/a"},"definitions":{"a":{"type":"string"}}}`, `{"items":{"type":"string"}}`, false, false},
	{"a reference in an allOf", `{"allOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"type":"string"}}}`, `{"type":"string","maxLength":9}`, true, false},
	{"a definition that nobody uses", `{"type":"string","$defs":{"a":{"type":"string"}}}`, `{"type":"string","$defs":{"a":{"type":"null"}}}`, false, false},
	{
		"a schema within itself", `{"properties":{"next":{"$ref":"#"},"value":{"type":"string"}}}`,
		`{"properties":{"next":{"$ref":"#"},"value":{"type":"null"}}}`, true, true,
	},
	{"what is elsewhere", `{"$ref":"https://example.com/a"}`, `{"type":"string"}`, false, false},

	{"all of several, spelled out", `{"allOf":[{"required":["a"]},{"properties":{"a":{}}}]}`, `{"required":["a"],"properties":{"a":{}},"additionalProperties":false}`, false, false},
	{"one of all of several", `{"allOf":[{"type":"string"},{"maxLength":3}]}`, `{"type":"number"}`, true, true},
	{"a condition before", `{"type":"string","not":{"maxLength":2}}`, `{"type":"string","minLength":3}`, false, false},

	{"everything", `{"type":"string"}`, `true`, false, true},
	{"nothing", `{"type":"string"}`, `false`, true, false},
	{"something", `true`, `{"type":"string"}`, true, false},
	{"a property forbidden", `{"properties":{"a":true}}`, `{"properties":{"a":false}}`, true, false},

	{"longer", `{"type":"string"}`, `{"type":"string","minLength":1}`, true, false},
	{"of any length", `{"type":"string","minLength":1,"maxLength":3}`, `{"type":"string","minLength":0}`, false, false},
	{"shorter", `{"type":"string","maxLength":3}`, `{"type":"string","maxLength":2}`, true, false},
	{"a pattern", `{"type":"string"}`, `{"type":"string","pattern":"^(?!x)a"}`, true, false},
	{"another pattern", `{"type":"string","pattern":"a"}`, `{"type":"string","pattern":"b"}`, false, false},
	{"a format", `{"type":"string"}`, `{"type":"string","format":"date"}`, false, false},
	{"fewer elements", `{"type":"array","maxItems":3}`, `{"type":"array","maxItems":2,"uniqueItems":true}`, true, false},
	{"more members", `{"type":"object"}`, `{"type":"object","minProperties":1}`, true, false},
	{"a minimum", `{"type":"number"}`, `{"type":"number","minimum":0}`, true, false},
	{"a lower minimum", `{"type":"number","minimum":1}`, `{"type":"number","minimum":0.5}`, false, false},
	{"a minimum that is left out", `{"type":"number","minimum":1}`, `{"type":"number","exclusiveMinimum":1}`, true, false},
	{"the same minimum of integers", `{"type":"integer","minimum":1}`, `{"type":"integer","exclusiveMinimum":0}`, false, false},
	{"a maximum", `{"type":"integer","maximum":10}`, `{"type":"integer","exclusiveMaximum":10}`, true, false},
	{"what JavaScript can count to", `{"type":"integer"}`, `{"type":"integer","minimum":-9007199254740991,"maximum":9007199254740991}`, false, false},
	{"steps", `{"type":"number"}`, `{"type":"number","multipleOf":2}`, true, false},
	{"smaller steps", `{"type":"number","multipleOf":4}`, `{"type":"number","multipleOf":2}`, false, false},
	{"steps of integers", `{"type":"integer"}`, `{"type":"integer","multipleOf":1}`, false, false},
	{"a bound of another type", `{"type":"string"}`, `{"type":"string","minimum":3}`, false, false},

	{"no schema before", `[]`, `{"type":"string"}`, false, false},
	{"no schema now", `{"type":"string"}`, `{"type":"word"}`, false, false},
}

func TestNarrower(t *testing.T) {
	for _, test := range schemaTests {
		t.Run(test.name, func(t *testing.T) {
			for _, s := range []struct {
				side Side
				want bool
			}{{Takes, test.takes}, {Gives, test.gives}} {
				if found := Narrower([]byte(test.before), []byte(test.now), s.side); (len(found) > 0) != s.want {
					t.Errorf("%v: %v", s.side, found)
				}
				if found := Narrower([]byte(test.before), []byte(test.before), s.side); len(found) > 0 {
					t.Errorf("%v: %v in the same", s.side, found)
				}
			}
		})
	}
}

// Only what breaks is a place where callers break.
func TestNarrowerPlaces(t *testing.T) {
	before := `{"properties":{"a/b":{"type":"string","description":"x"},"é":{"enum":["x","y"]},"c":{"$ref":"#/$defs/c"},"d":{}},"$defs":{"c":{"type":"string"}}}`
	now := `{"properties":{"a/b":{"type":"number","description":"y"},"é":{"enum":["x"]},"c":{"$ref":"#/$defs/c"},"d":{"items":{"type":"string"}}},"required":["d"],"$defs":{"c":{"type":"null"}}}`
	found := Narrower([]byte(before), []byte(now), Takes).Area()
	for place, want := range map[string]bool{
		"/properties/a~1b/type": true, "/properties/a~1b/description": false, "/properties/é/enum/1": true, "/properties/c": true, "/properties/c/$ref": true,
		"/$defs/c/type": true, "/required": true, "/required/0": true, "/properties/d/items": true, "/properties/d/title": false, "/$defs/d": false, "/properties/cc": false,
	} {
		if found.Touches(place) != want {
			t.Errorf("%s: %v, in %v", place, !want, found)
		}
	}
}

// Schemas whose parts refer to each other many times over are given up: without a bound each would take hours.
func TestNarrowerIsBounded(t *testing.T) {
	var chain strings.Builder
	for _, name := range strings.Fields("a b c d e f g h i j k l m n o p q r s t u v w x y z") {
		next := string(name[0] + 1)
		chain.WriteString(`"` + name + `":{"anyOf":[` + strings.Repeat(`{"$ref":"#/$defs/`+next+`"},`, 20) + `{"type":"null"}]},`)
	}
	last := string(rune('z' + 1))
	wide := func(end string) string {
		return `{"$ref":"#/$defs/a","$defs":{` + chain.String() + `"` + last + `":` + end + `}}`
	}
	deep := func(end string) string {
		return strings.Repeat(`{"properties":{"a":`, 1000) + end + strings.Repeat("}}", 1000)
	}
	long := func(end string) string { return `{"anyOf":[` + strings.Repeat("{},", 100_000) + end + `]}` }
	for _, spelled := range []func(string) string{wide, deep, long} {
		if found := Narrower([]byte(spelled(`{"type":"string"}`)), []byte(spelled(`{"type":"array"}`)), Takes); found != nil {
			t.Errorf("found %d places", len(found))
		}
		Narrower([]byte(`{"enum":[1]}`), []byte(spelled(`{"type":"array"}`)), Takes)
	}
}

// FuzzNarrower compares schemas with each other, and with themselves.
func FuzzNarrower(f *testing.F) {
	for _, test := range schemaTests {
		f.Add([]byte(test.before), []byte(test.now))
	}
	f.Fuzz(func(t *testing.T, before, now []byte) {
		if len(before)+len(now) > 1<<11 {
			return // reading them takes its time
		}
		for _, s := range []Side{Takes, Gives} {
			for _, schema := range [][]byte{before, now} {
				if found := Narrower(schema, schema, s); len(found) > 0 {
					t.Fatalf("%s: %v in the same", schema, found)
				}
			}
			for _, found := range Narrower(before, now, s) {
				if _, err := compare.ParsePointer(found); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
