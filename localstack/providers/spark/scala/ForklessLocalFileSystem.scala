package millrace.spark

import java.nio.file.Files
import java.nio.file.attribute.PosixFilePermissions

import org.apache.hadoop.fs.{LocalFileSystem, Path, RawLocalFileSystem}
import org.apache.hadoop.fs.permission.FsPermission

/** The files of this machine, whose permissions are set by Java.
  *
  * Hadoop has a native library for it, which EMR ships and pyspark does not. Without it Hadoop starts a `chmod`
  * for each file and each folder that it makes: some milliseconds each, three times for a file of a partition.
  */
class ForklessLocalFileSystem extends LocalFileSystem(new ForklessRawFileSystem)

class ForklessRawFileSystem extends RawLocalFileSystem {
  override def setPermission(path: Path, permission: FsPermission): Unit = {
    val symbols = Seq(permission.getUserAction, permission.getGroupAction, permission.getOtherAction)
    val mode = PosixFilePermissions.fromString(symbols.map(_.SYMBOL).mkString)
    Files.setPosixFilePermissions(pathToFile(path).toPath, mode)
  }
}
