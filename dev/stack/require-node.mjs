// Plain JavaScript, and old: it must still run where the TypeScript of the project does not.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  const cause =
    major < 20
      ? `Esta máquina tiene Node ${process.versions.node}; el proyecto pide Node 20 o más nuevo para instalarse.`
      : `Los comandos corren con Node ${process.versions.node}: falta el Node 24 de node_modules.`;
  console.error(
    `${cause}\nRepita \`npm install\` (sin --ignore-scripts) y use los comandos por npm: \`npm start\`.`,
  );
  process.exit(1);
}
