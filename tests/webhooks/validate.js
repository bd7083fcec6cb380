// What the official JavaScript library says of signatures. In: a JSON list of calls on stdin; out: a JSON list of truth values.

const { validateRequest, validateRequestWithBody } = require("../clients/node_modules/twilio");

const calls = JSON.parse(require("fs").readFileSync(0, "utf8"));
const verdicts = calls.map(({ token, signature, url, form, body }) =>
  body === null
    ? validateRequest(token, signature, url, form)
    : validateRequestWithBody(token, signature, url, body),
);
console.log(JSON.stringify(verdicts));
