// esbuild takes style sheets that a module imports into the style sheet of its bundle.
declare module "*.css" {}
