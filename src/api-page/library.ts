/** What is served, and shipped, of swagger-ui-dist: its script and its style sheet, with their licences. */
export const libraryFiles = [
  'swagger-ui-bundle.js',
  'swagger-ui-bundle.js.LICENSE.txt',
  'swagger-ui.css',
  'LICENSE',
  'NOTICE',
] as const;
