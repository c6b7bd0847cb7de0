package config

import (
	"errors"
	"net/url"
)

// checkRedisURL never repeats the URL, which may hold a password.
func checkRedisURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return errors.New("not a URL")
	case u.Scheme == "unix" && u.Path == "":
		return errors.New("no path: write unix:///run/utvag-redis/redis.sock")
	case u.Scheme != "unix" && u.Host == "":
		return errors.New("no host: write redis://127.0.0.1:6379")
	}
	return nil
}

// withPassword puts the password of the password file into the URL.
func withPassword(text, password string) string {
	u, err := url.Parse(text)
	if err != nil || password == "" {
		return text
	}
	u.User = url.UserPassword(u.User.Username(), password)
	return u.String()
}
