"""One format per file: each module holds ``READER``; `peqled.lab.registry` finds them."""
