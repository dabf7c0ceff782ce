/** The bundler loads documents as text. */
declare module '*.md' {
  const text: string;
  export default text;
}

/** The bundler puts pictures beside the scripts, and gives their paths. */
declare module '*.svg' {
  const path: string;
  export default path;
}
