"""What Python can do: a bare ASGI application on the same driver, with the same promises and every trick that pays.

One process, one topic, no layers: nobody would want to keep it. It says how far the product is from what is possible.
"""
