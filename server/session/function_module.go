package session

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"strings"

	"slipway/conf"
	"slipway/executor/wasm"
	"slipway/sql/analyzer"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// addModule reads the module of a function in WebAssembly, tries whether it can be run, and puts it into what is stored.
func (s *session) addModule(ctx context.Context, d *ast.CreateFunction, f *catalog.Function) error {
	arguments := make([]types.Type, len(f.Parameters))
	for i, p := range d.Parameters {
		arguments[i] = analyzer.Held(p.Type.Type)
		if err := moduleType(p.Type); err != nil {
			return err
		}
	}
	for _, c := range d.Columns {
		if err := moduleType(c.Type); err != nil {
			return err
		}
	}
	if d.Columns == nil {
		if err := moduleType(d.Returns); err != nil {
			return err
		}
	}
	code, err := s.moduleBytes(d)
	if err != nil {
		return err
	}
	f.Body = ""
	f.Module, f.Hash = wasm.Pack(code)
	if f.Aggregate != nil {
		f.Aggregate.Merges, f.Aggregate.Retracts, err = wasm.CheckAggregate(ctx, code, analyzer.ModuleOf(f), arguments, analyzer.ResultOf(f))
	} else {
		err = wasm.Check(ctx, code, analyzer.ModuleOf(f), arguments, analyzer.ResultOf(f))
	}
	if e, ok := errors.AsType[*sqlerr.Error](err); ok {
		placed := *e
		placed.Position = d.BodyPos + 1
		return &placed
	}
	return err
}

func moduleType(t ast.TypeName) error {
	if wasm.Taken(analyzer.Held(t.Type)) {
		return nil
	}
	return sqlerr.At(t.Pos, sqlerr.FeatureNotSupported, "a value of type %s of a function in wasm is not supported", t.Type).
		WithHint("It can be a STRING or BINARY: CAST brings the value there and back.")
}

// moduleBytes are those of the text behind AS: a file of server.function.directory, or the bytes in base64.
func (s *session) moduleBytes(d *ast.CreateFunction) ([]byte, error) {
	text := strings.TrimSpace(d.Module)
	if !strings.HasSuffix(text, ".wasm") {
		code, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil || len(code) == 0 {
			return nil, sqlerr.At(d.BodyPos, sqlerr.InvalidText, "the text behind AS is neither the name of a file, name.wasm, nor a module in base64")
		}
		return code, nil
	}
	directory := conf.FunctionDirectory.Get(s.Server)
	if directory == "" {
		return nil, sqlerr.At(d.BodyPos, sqlerr.ObjectNotReady, "this server reads no modules from files").
			WithHint("Set %s, or send the module's bytes in base64.", conf.FunctionDirectory.Key)
	}
	root, err := os.OpenRoot(directory) // nothing outside of it is opened, whatever the name says
	if err != nil {
		return nil, sqlerr.At(d.BodyPos, sqlerr.IOError, "%s cannot be read: %v", conf.FunctionDirectory.Key, err)
	}
	defer root.Close()
	file, err := root.Open(text)
	if err != nil {
		return nil, sqlerr.At(d.BodyPos, sqlerr.UndefinedObject, "module %q is not in %s", text, conf.FunctionDirectory.Key)
	}
	defer file.Close()
	code, err := io.ReadAll(io.LimitReader(file, wasm.MaxModule+1))
	if err != nil {
		return nil, sqlerr.At(d.BodyPos, sqlerr.IOError, "module %q cannot be read: %v", text, err)
	}
	return code, nil
}
