"""The browser: the sign-off portal, a bounded context of its own with its own database.

Business people say here whether a release is right for their work, and sign it with a key that only they hold.
Nobody else can: there is no page, command or token that makes a signature without the signer being there.
"""
