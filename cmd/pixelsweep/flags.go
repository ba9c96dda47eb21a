package main

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

// jobs is how many messages are worked on at a time; 0 is one per CPU.
type jobs int

func (j *jobs) String() string { return strconv.Itoa(int(*j)) }
func (j *jobs) Type() string   { return "int" }

func (j *jobs) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return fmt.Errorf("%q is not a number of workers", text)
	}
	*j = jobs(n)
	return nil
}

func (j jobs) workers() int {
	if j > 0 {
		return int(j)
	}
	return runtime.GOMAXPROCS(0)
}

// addJobs defines --jobs; verb says what is done to messages.
func addJobs(f *pflag.FlagSet, j *jobs, verb string) {
	f.VarP(j, "jobs", "j", "how many messages are "+verb+" at a time (default: one per CPU)")
}

// addresses are e-mail addresses of the reader.
type addresses []string

func (a *addresses) String() string { return strings.Join(*a, ",") }
func (a *addresses) Type() string   { return "ADDRESS" }

func (a *addresses) Set(text string) error {
	local, domain, ok := strings.Cut(text, "@")
	if !ok || local == "" || domain == "" || strings.ContainsAny(text, " \t<>,") {
		return fmt.Errorf("%q is not an e-mail address", text)
	}
	*a = append(*a, text)
	return nil
}
