"""A shop and its objects in words that hold for every platform: facts, snapshots, events, carriers, prices."""
