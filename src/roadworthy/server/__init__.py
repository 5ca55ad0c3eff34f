"""The record: a server where teams, approvers and leaders work with the same loop, people and evidence."""
