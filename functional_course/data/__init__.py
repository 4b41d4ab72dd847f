"""What each chapter trains on. Bundled and small by default; nothing here downloads unless you ask for MNIST."""
