// Reads Kubernetes objects on stdin, as YAML documents, and holds each against the schema of its kind,
// which says what is required. Prints a line for each fault; the exit code is 1 if there is one.
const { loadAll } = require("js-yaml");

// apps/v1 Deployment is kubernetes-models/apps/v1/Deployment; of v1, kubernetes-models/v1/Pod.
function modelOf({ apiVersion, kind }) {
  return require(`kubernetes-models/${apiVersion}/${kind}`)[kind];
}

let text = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (part) => (text += part));
process.stdin.on("end", () => {
  let count = 0;
  for (const object of loadAll(text)) {
    count++;
    try {
      const Model = modelOf(object);
      new Model(object).validate();
    } catch (fault) {
      console.log(`${object?.kind} ${object?.metadata?.name}: ${fault.message}`);
      process.exitCode = 1;
    }
  }
  console.log(`${count} objects`);
});
