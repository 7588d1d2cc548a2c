// Passkeys: ask the server for a challenge, the person's device for an answer, and hand that back. Nothing else.
"use strict";
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  async function send(where, body, token) {
    const answer = await fetch(where, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error);
    return said;
  }

  async function made(options) {
    const publicKey = {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: known(options.excludeCredentials),
    };
    const credential = await navigator.credentials.create({ publicKey });
    const { attestationObject, clientDataJSON } = credential.response;
    return {
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response: { attestationObject: text(attestationObject), clientDataJSON: text(clientDataJSON) },
    };
  }

  async function used(options) {
    const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: known(options.allowCredentials) };
    const credential = await navigator.credentials.get({ publicKey });
    const { authenticatorData, clientDataJSON, signature, userHandle } = credential.response;
    return {
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response: {
        authenticatorData: text(authenticatorData),
        clientDataJSON: text(clientDataJSON),
        signature: text(signature),
        userHandle: userHandle ? text(userHandle) : null,
      },
    };
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const word = (name) => form.querySelector(`[data-word=${name}]`).textContent;
    const trouble = form.querySelector(".trouble");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = event.submitter || form.querySelector("button");
      const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
      trouble.hidden = true;
      button.setAttribute("aria-busy", "true");
      button.disabled = true;
      try {
        if (!window.PublicKeyCredential) throw new Error(word("missing"));
        const options = form.dataset.given ? JSON.parse(form.dataset.given) : await send(form.dataset.options, {}, token);
        let body;
        try {
          body = form.dataset.passkey === "register"
            ? { credential: await made(options), label: form.elements.label.value }
            : await used(options);
        } catch (error) {
          throw new Error(word("stopped"));
        }
        const said = await send(form.action, body, token);
        window.location.assign(said.next);
      } catch (error) {
        trouble.textContent = error.message;
        trouble.hidden = false;
        button.disabled = false;
        button.removeAttribute("aria-busy");
      }
    });
  }

  for (const button of document.querySelectorAll("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
