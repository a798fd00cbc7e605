// One test at a time: the laws about live tensors count all of the process, and native operations use all cores by themselves.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
