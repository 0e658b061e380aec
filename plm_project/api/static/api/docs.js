"use strict";

// Starts Swagger UI. A file of its own, because the page allows no inline script.
(() => {
  const root = document.getElementById("swagger-ui");

  const csrfToken = () => {
    const found = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
    return found ? decodeURIComponent(found.slice("csrftoken=".length)) : "";
  };

  window.SwaggerUIBundle({
    url: root.dataset.schema,
    domNode: root,
    presets: [window.SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    deepLinking: true,
    persistAuthorization: false,
    displayRequestDuration: true,
    validatorUrl: null,
    // A call that the session identifies needs the CSRF token; only our own origin gets it.
    requestInterceptor: (request) => {
      const ours = new URL(request.url, document.baseURI).origin === window.location.origin;
      if (ours && !["GET", "HEAD", undefined].includes(request.method)) {
        request.headers["X-CSRFToken"] = csrfToken();
      }
      return request;
    },
  });
})();
