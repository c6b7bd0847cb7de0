package flow_test

import (
	"testing"

	"github.com/utvag/utvag/i18n"
)

// catalog holds the sentences of the visitor's page that have no plural forms.
func catalog(t testing.TB, tag string) map[string]string {
	t.Helper()
	all, err := i18n.Catalog(tag + ".json")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for key, forms := range all {
		if len(forms) == 1 {
			texts[key] = forms["other"]
		}
	}
	return texts
}

func tied(t testing.TB) func(key string) (string, bool) {
	t.Helper()
	conditions, err := i18n.Conditions()
	if err != nil {
		t.Fatal(err)
	}
	alternatives := map[string]bool{}
	for _, c := range conditions {
		alternatives[c.Alt] = true
	}
	return func(key string) (string, bool) {
		c, ok := conditions[key]
		return c.Alt, ok || alternatives[key]
	}
}
