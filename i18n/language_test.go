package i18n

import (
	"strings"
	"testing"
)

func TestLanguagesAreRead(t *testing.T) {
	for _, l := range Languages() {
		if found, ok := Find(l.Tag); !ok || found.Name != l.Name || found.Draft() != (l.Status == "draft") {
			t.Errorf("%s is not found as it is listed", l.Tag)
		}
	}
	if _, ok := Find("de"); ok {
		t.Error("a language was found that is not there")
	}
}

func TestAWrongLanguageIsRefused(t *testing.T) {
	const right = `[{"tag":"sv","name":"Svenska","dir":"ltr","plural":"sv","categories":["one","other"],"status":"reviewed","reviewed_by":"Karin Berg","reviewed_on":"2026-11-20"}]`
	if all, err := parseLanguages([]byte(right)); err != nil || all[0].Draft() {
		t.Fatalf("%v, %v", all, err)
	}
	for name, change := range map[string][2]string{
		"unknown field":        {`"name"`, `"nome"`},
		"no name":              {"Svenska", ""},
		"no direction":         {"ltr", "up"},
		"no tag":               {`"tag":"sv"`, `"tag":"s_v!"`},
		"no plural rule":       {`"plural":"sv"`, `"plural":"?"`},
		"no other":             {`"other"`, `"few"`},
		"another status":       {"reviewed\"", "done\""},
		"nobody reviewed it":   {"Karin Berg", " "},
		"reviewed on no day":   {"2026-11-20", "soon"},
		"a draft with a name":  {`"reviewed",`, `"draft",`},
		"Swedish is not first": {`"tag":"sv"`, `"tag":"en"`},
		"twice":                {"}]", "}," + strings.Trim(right, "[]") + "]"},
	} {
		if changed := strings.Replace(right, change[0], change[1], 1); changed == right {
			t.Errorf("%s: nothing was changed", name)
		} else if _, err := parseLanguages([]byte(changed)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
