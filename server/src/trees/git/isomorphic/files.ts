import fs from 'node:fs'
import type { FsClient } from 'isomorphic-git'
import { FileSystem } from 'isomorphic-git/models'

/** The file system as isomorphic-git wants it. */
export const files = new FileSystem(fs) as unknown as FsClient
