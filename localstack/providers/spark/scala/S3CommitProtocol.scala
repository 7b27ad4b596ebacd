package millrace.spark

import org.apache.hadoop.fs.Path
import org.apache.hadoop.fs.s3a.commit.staging.PartitionedStagingCommitter
import org.apache.hadoop.mapreduce.{OutputCommitter, TaskAttemptContext}
import org.apache.spark.internal.io.FileNameSpec
import org.apache.spark.sql.execution.datasources.SQLHadoopMapReduceCommitProtocol

/** Commits a dynamic partition overwrite on S3 without a rename, as EMR's own protocol does.
  *
  * S3 renames by copying, and Spark's protocol renames each file three times. Here Hadoop's partitioned staging
  * committer writes a task's files to the disk and uploads them when the task commits; the job's commit deletes
  * what the partitions held and completes the uploads. Until then a reader sees the old files, and a failed job
  * leaves them. Any other write is Spark's own.
  *
  * Source: AWS, Amazon EMR Release Guide, "The EMRFS S3-optimized commit protocol"; Hadoop, "Committing work to S3
  * with the S3A Committers".
  */
class S3CommitProtocol(jobId: String, path: String, dynamicPartitionOverwrite: Boolean)
    extends SQLHadoopMapReduceCommitProtocol(
      jobId,
      path,
      dynamicPartitionOverwrite && !S3CommitProtocol.isS3(path)
    ) {

  private val isUploaded = dynamicPartitionOverwrite && S3CommitProtocol.isS3(path)
  @transient private var staging: Path = _

  override protected def setupCommitter(context: TaskAttemptContext): OutputCommitter =
    if (isUploaded) {
      context.getConfiguration.set("fs.s3a.committer.staging.conflict-mode", "replace")
      val committer = new PartitionedStagingCommitter(new Path(path), context)
      staging = committer.getWorkPath
      committer
    } else super.setupCommitter(context)

  override def newTaskTempFile(
      context: TaskAttemptContext,
      partition: Option[String],
      name: FileNameSpec
  ): String =
    if (isUploaded) {
      val folder = partition.fold(staging)(new Path(staging, _))
      new Path(folder, getFilename(context, name)).toString
    } else super.newTaskTempFile(context, partition, name)
}

object S3CommitProtocol {
  private def isS3(path: String): Boolean = Set("s3", "s3a").contains(new Path(path).toUri.getScheme)
}
