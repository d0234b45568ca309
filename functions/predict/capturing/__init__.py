"""Sampled requests and their answers, kept in a bucket for those who may read them; imported where a stage asks so."""
