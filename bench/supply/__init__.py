"""What the service is made of: vulnerabilities (`make audit`), bill of materials (`make sbom`), licences."""
