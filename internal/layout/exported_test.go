package layout_test

import (
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// Who imports a public package can name all that its exported names speak of.
func TestPublicPackagesHideInternalTypes(t *testing.T) {
	exports := map[string]string{}
	names := 0
	for _, p := range list(t, runtime.GOOS, "-export", "-deps", module+"/...") {
		exports[p.ImportPath] = p.Export
	}
	compiled := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	for _, name := range public {
		if exports[full(name)] == "" {
			continue // still to be written
		}
		p, err := compiled.Import(full(name))
		if err != nil {
			t.Fatal(err)
		}
		names += speaks(t, p)
	}
	if names < 20 {
		t.Errorf("only %d exported names were looked at", names)
	}
}

// speaks looks at the exported names of p, and gives their number.
func speaks(t *testing.T, p *types.Package) (names int) {
	t.Helper()
	for _, name := range p.Scope().Names() {
		object := p.Scope().Lookup(name)
		if !object.Exported() {
			continue
		}
		names++
		var w walk
		w.declared(object.Type())
		for _, hidden := range w.hidden {
			t.Errorf("%s.%s speaks of %s", p.Path(), name, hidden)
		}
	}
	return names
}

// The walk below finds what it is for.
func TestWalkFindsInternalTypes(t *testing.T) {
	inner := types.NewPackage(module+"/internal/x", "x")
	outer := types.NewPackage(module+"/y", "y")
	text := types.NewNamed(types.NewTypeName(0, inner, "Text", nil), types.Typ[types.String], nil)
	alias := types.NewAlias(types.NewTypeName(0, inner, "Alias", nil), types.Typ[types.String])
	field := func(name string, of types.Type) types.Type {
		fields := types.NewStruct([]*types.Var{types.NewField(0, outer, name, of, false)}, nil)
		return types.NewNamed(types.NewTypeName(0, outer, "Struct", nil), fields, nil)
	}
	method := types.NewNamed(types.NewTypeName(0, outer, "Method", nil), types.Typ[types.Int], nil)
	result := types.NewTuple(types.NewVar(0, outer, "", types.NewSlice(types.NewPointer(text))))
	signature := types.NewSignatureType(types.NewVar(0, outer, "", method), nil, nil, nil, result, false)
	method.AddMethod(types.NewFunc(0, outer, "Get", signature))
	for _, test := range []struct {
		name   string
		of     types.Type
		hidden bool
	}{
		{"exported field", field("Field", types.NewMap(types.Typ[types.Int], text)), true},
		{"field of an alias", field("Field", alias), true},
		{"unexported field", field("field", text), false},
		{"result of a method", method, true},
		{"plain", types.Typ[types.String], false},
	} {
		w := walk{}
		w.declared(test.of)
		if got := len(w.hidden) > 0; got != test.hidden {
			t.Errorf("%s: found %v", test.name, w.hidden)
		}
	}
}

// walk follows an exported name to all types that can be reached through it.
type walk struct {
	seen   []types.Type
	hidden []string // types of internal packages
}

func (w *walk) declared(t types.Type) {
	if slices.Contains(w.seen, t) {
		return
	}
	w.seen = append(w.seen, t)
	switch t := t.(type) {
	case *types.Alias:
		w.name(t.Obj())
		w.declared(types.Unalias(t))
	case *types.Named:
		w.named(t)
	case *types.Struct:
		for field := range t.Fields() {
			if field.Exported() || field.Embedded() {
				w.declared(field.Type())
			}
		}
	case *types.Interface:
		for method := range t.Methods() {
			w.declared(method.Type())
		}
		for embedded := range t.EmbeddedTypes() {
			w.declared(embedded)
		}
	case *types.Signature:
		w.declared(t.Params())
		w.declared(t.Results())
	case *types.Tuple:
		for v := range t.Variables() {
			w.declared(v.Type())
		}
	case *types.Map:
		w.declared(t.Key())
		w.declared(t.Elem())
	case interface{ Elem() types.Type }:
		w.declared(t.Elem())
	case *types.TypeParam:
		w.declared(t.Constraint())
	case *types.Union:
		for term := range t.Terms() {
			w.declared(term.Type())
		}
	}
}

func (w *walk) named(t *types.Named) {
	for argument := range t.TypeArgs().Types() {
		w.declared(argument)
	}
	if pkg := t.Obj().Pkg(); pkg == nil || !ours(pkg.Path()) {
		return
	}
	w.name(t.Obj())
	w.declared(t.Underlying())
	for method := range t.Methods() {
		if method.Exported() {
			w.declared(method.Type())
		}
	}
}

// name notes a type of an internal package.
func (w *walk) name(o *types.TypeName) {
	if pkg := o.Pkg(); pkg != nil && strings.HasPrefix(pkg.Path(), module+"/internal/") {
		w.hidden = append(w.hidden, pkg.Path()+"."+o.Name())
	}
}
