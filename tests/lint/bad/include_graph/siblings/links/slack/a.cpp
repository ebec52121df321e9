// expect: links must not include links/console/render.hpp
// expect: links must not include links/registry.hpp
#include "links/console/render.hpp"
#include "links/link.hpp"
#include "links/net/client.hpp"
#include "links/registry.hpp"
#include "links/slack/a.hpp"
