/** The folder of a path in a tree, and the name in it. A path that begins with a slash has a folder that is none. */
export function splitPath(path: string): readonly [folder: string, name: string] {
  const slash = path.lastIndexOf('/')
  return slash === 0 ? ['/', path.slice(1)] : [path.slice(0, Math.max(slash, 0)), path.slice(slash + 1)]
}
