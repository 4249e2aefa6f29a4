# How the authors of ShelfNet50 change the images of all datasets but finely labelled Cityscapes: the short side is
# drawn from half to twice a base size (608, on Cityscapes 1024), and resized and blurred with PIL.
# Padding and the corners of a rotation get a label: of VOC it is the background, of PASCAL Context void, and of
# Cityscapes it is road, which is what the authors' code does there.
shelfnet50_pipelines = {
    name: [
        dict(type="LoadImageFromFile"),
        dict(type="LoadAnnotations"),
        dict(type="RandomFlip", prob=0.5),
        dict(
            type="RandomResize",
            # the long side has no limit
            scale=[(100_000, base_size // 2), (100_000, 2 * base_size)],
            keep_ratio=True,
            backend="pillow",
        ),
        dict(type="RandomRotate", prob=1.0, degree=10, pad_val=0, seg_pad_val=seg_fill),
        dict(type="Pad", size=(crop_size, crop_size), pad_val=dict(img=0, seg=seg_fill)),
        dict(type="RandomCrop", crop_size=(crop_size, crop_size)),
        dict(type="RandomGaussianBlur", max_radius=1.0, prob=0.5),
        dict(type="PackSegInputs"),
    ]
    for name, base_size, crop_size, seg_fill in (
        ("voc", 608, 512, 0),
        ("pascal_context", 608, 512, 255),
        ("cityscapes_coarse", 1024, 768, 0),
    )
}
# On what the authors choose the epoch: the short side brought to the crop, then the middle square, truth and all. For
# Cityscapes' coarse labels, whose training images come about in the same way, this is a reading.
shelfnet50_validation = {
    name: [
        dict(type="LoadImageFromFile"),
        dict(type="LoadAnnotations"),
        dict(type="Resize", scale=(100_000, crop_size), keep_ratio=True, backend="pillow"),
        dict(type="CenterCrop", crop_size=crop_size),
        dict(type="ScoreAtInputSize"),
        dict(type="PackSegInputs"),
    ]
    for name, crop_size in (("pascal", 512), ("cityscapes_coarse", 768))
}
