package main

import (
	"bytes"
	"path"
	"testing"

	"github.com/utvag/utvag/web/internal/manifest"
)

func TestOnlyTheTextsOfErrorsGo(t *testing.T) {
	for _, c := range []struct{ in, out string }{
		{`throw new ValidationError("Epoch mismatch");`, `throw new ValidationError();`},
		{"throw new Error('it said \"no\"')", "throw new Error()"},
		{`throw new Error('bad \'quote\' (1)');`, `throw new Error();`},
		{"throw new TypeError(`\"${name}\" must be ${x.name}`)", "throw new TypeError()"},
		{`throw new Error('expected integer, got ' + typeof n);`, `throw new Error();`},
		{"throw new OpenError(\n  'it failed', { cause })", `throw new OpenError("", { cause })`},
		{`a(new Error("one"), new Error("two"))`, `a(new Error(), new Error())`},
		{"class A extends B { constructor(message) {\n super(message);\n this.name = \"AError\";\n } }",
			"class A extends B {  }"},
		{"constructor(message  , options ) { super(message, options)\n this.name = 'OpenError'\n\n Error.captureStackTrace?.(this, OpenError)\n }", ""},
		{"constructor(message) { super(`report it: ${message}`); this.name = \"XError\"; }", ""},
		{`constructor(message) { super(message); this.name = "XError"; this.code = message.code; }`,
			`constructor(message) { super(message); this.name = "XError"; this.code = message.code; }`},
		// What is not the text alone stays: a call may do something, and a name may be read.
		{`new Error("got " + describe(x))`, `new Error("got " + describe(x))`},
		{`new Error('a "' + c + '" at ' + i)`, `new Error('a "' + c + '" at ' + i)`},
		{`new DOMException("x", "NotSupportedError")`, `new DOMException("x", "NotSupportedError")`},
		{`renewError("kept")`, `renewError("kept")`},
		{`label("Error")`, `label("Error")`},
	} {
		if got := silence(c.in); got != c.out {
			t.Errorf("%s\nbecame %s\nnot    %s", c.in, got, c.out)
		}
	}
}

func TestRulesAndTroublesAreNoTexts(t *testing.T) {
	for in, out := range map[string]string{
		`throw new CodecError("cut short");`:              `throw new CodecError();`,
		`throw new VerificationError("not authentic")`:    `throw new VerificationError()`,
		`throw new PolicyError("kommun")`:                 `throw new PolicyError("kommun")`,
		`throw new RosterError("clock")`:                  `throw new RosterError("clock")`,
		"throw new Error(`the flow has no step ${name}`)": "throw new Error(`the flow has no step ${name}`)",
	} {
		if got := silenceOwn(in); got != out {
			t.Errorf("%s became %s, not %s", in, got, out)
		}
	}
}

func TestNoDependencyExplainsItself(t *testing.T) {
	for page, names := range rebuild(t).release.Pages {
		if page != manifest.Visitor && page != manifest.Console {
			t.Fatalf("another page: %s", page)
		}
		for name := range names.Entries {
			for _, text := range []string{"Could not find own leaf", "Key derivation failed", "invalid Legendre symbol",
				"captureStackTrace", "submit a bug report"} {
				if bytes.Contains(rebuild(t).files[path.Join(string(page), name)], []byte(text)) {
					t.Errorf("%s/%s says %q", page, name, text)
				}
			}
		}
	}
}
