# What every training shares. The sampler and the dataset wrapper that exact resume needs as well are in the dataset
# configs: train_dataloader = dict(sampler=dict(type="SeededInfiniteSampler"),
#                                 dataset=dict(type="SeededDataset", dataset=dict(type=..., ...)), ...)
default_scope = "mmseg"
# All that the suite registers, whichever network a config builds.
custom_imports = dict(
    imports=["mmseg_plugins.datasets", "mmseg_plugins.networks", "mmseg_plugins.training"], allow_failed_imports=False
)

randomness = dict(seed=0)
env_cfg = dict(
    cudnn_benchmark=False,
    mp_cfg=dict(mp_start_method="fork", opencv_num_threads=0),
    dist_cfg=dict(backend="nccl"),
)

default_hooks = dict(
    timer=dict(type="IterTimerHook"),
    logger=dict(type="LoggerHook", interval=50, log_metric_by_epoch=False),
    param_scheduler=dict(type="ParamSchedulerHook"),
    checkpoint=dict(
        type="CheckpointHook", by_epoch=False, interval=1000, max_keep_ckpts=2, backend_args=dict(backend="atomic")
    ),
    sampler_seed=dict(type="DistSamplerSeedHook"),
    visualization=dict(type="ScoredImageHook"),
    pretrained=dict(type="PretrainedHook"),
)
custom_hooks = [dict(type="ChannelsLastHook"), dict(type="RandomStateHook"), dict(type="NonFiniteLossHook")]

log_processor = dict(by_epoch=False)
log_level = "INFO"
vis_backends = [dict(type="LocalVisBackend")]
visualizer = dict(type="SegLocalVisualizer", vis_backends=vis_backends, name="visualizer")
# A config that goes on from another training names its weights here, as a plain text: "results/.../weights.pth".
# MMSegmentation's own `tools/train.py --resume` then needs `--cfg-options load_from=<checkpoint>`.
load_from = None
resume = False
