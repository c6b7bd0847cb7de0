package chat

import (
	"encoding/hex"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// describe writes a frame the way the vectors name its fields, as canonical JSON.
func describe(f Frame) string {
	fields := fieldsOf(reflect.ValueOf(f).Elem())
	fields["kind"] = f.Kind().String()
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func fieldsOf(v reflect.Value) map[string]any {
	fields := map[string]any{}
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		fields[strings.ToLower(name[:1])+name[1:]] = valueOf(v.Field(i))
	}
	return fields
}

func valueOf(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Array:
		bytes := make([]byte, v.Len())
		reflect.Copy(reflect.ValueOf(bytes), v)
		return hex.EncodeToString(bytes)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return hex.EncodeToString(v.Bytes())
		}
		list := make([]any, 0, v.Len())
		for i := range v.Len() {
			list = append(list, valueOf(v.Index(i)))
		}
		return list
	case reflect.Struct:
		return fieldsOf(v)
	case reflect.Uint64:
		return strconv.FormatUint(v.Uint(), 10)
	case reflect.String:
		return v.String()
	}
	return v.Uint()
}

func canonical(t *testing.T, fields map[string]any) string {
	t.Helper()
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
