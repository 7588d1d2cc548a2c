"""Response templates: Handlebars with WireMock's helpers, read at load and bounded when rendered."""
