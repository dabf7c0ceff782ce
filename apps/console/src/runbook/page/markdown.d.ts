/** The bundler loads documents as text. */
declare module '*.md' {
  const text: string;
  export default text;
}
