package login

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/zalando/go-keyring"
)

// service is what entries of the keyring belong to.
const service = "pixelsweep"

// entry names the password of a user at a server.
func entry(user, server string) string {
	u := url.URL{Scheme: "imap", User: url.User(user), Host: server}
	return u.String()
}

// Store puts a password into the desktop's keyring: Secret Service, macOS
// Keychain or Windows Credential Manager.
func Store(ctx context.Context, user, server string, password Secret) error {
	return keep(ctx, entry(user, server), password)
}

// Remove takes a password out of the keyring; none is no error.
func Remove(ctx context.Context, user, server string) error {
	_, err := inKeyring(ctx, func() (Secret, error) {
		err := keyring.Delete(service, entry(user, server))
		if errors.Is(err, keyring.ErrNotFound) {
			err = nil
		}
		return Secret{}, err
	})
	return err
}

func fromKeyring(ctx context.Context, user, server string) (Secret, error) {
	s, err := kept(ctx, entry(user, server))
	switch {
	case err != nil:
		return Secret{}, err
	case s.IsZero():
		return Secret{}, fmt.Errorf("no password of %s at %s in the keyring; put it there with pixelsweep imap login", user, server)
	}
	return s, nil
}

func keep(ctx context.Context, name string, s Secret) error {
	_, err := inKeyring(ctx, func() (Secret, error) { return Secret{}, keyring.Set(service, name, s.Reveal()) })
	return err
}

// kept returns an entry, the zero Secret for none.
func kept(ctx context.Context, name string) (Secret, error) {
	return inKeyring(ctx, func() (Secret, error) {
		text, err := keyring.Get(service, name)
		switch {
		case errors.Is(err, keyring.ErrNotFound):
			return Secret{}, nil
		case err != nil:
			return Secret{}, err
		}
		return Hide(text), nil
	})
}

// inKeyring asks the keyring, which may wait for the user to unlock it.
func inKeyring(ctx context.Context, ask func() (Secret, error)) (Secret, error) {
	type answer struct {
		s   Secret
		err error
	}
	done := make(chan answer, 1)
	go func() {
		s, err := ask()
		done <- answer{s, err}
	}()
	select {
	case <-ctx.Done():
		return Secret{}, ctx.Err()
	case a := <-done:
		if a.err != nil {
			return Secret{}, fmt.Errorf("the keyring cannot be used: %w; use a password command, a file or a variable", a.err)
		}
		return a.s, nil
	}
}
