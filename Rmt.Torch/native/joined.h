#pragma once

namespace rmt {

// Whether this thread keeps what rmt_joined makes; what it kept is forgotten either way. Said by the outermost scope of autocast.
void keep_joined(bool keep);

}   // namespace rmt
