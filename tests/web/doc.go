// Package web drives the console as a person would: a headless Chromium against a running node with jobs of all kinds.
package web
