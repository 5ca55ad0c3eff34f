"""The portfolio: my work, readiness, risk, KPIs."""
