// Where tensors on the CPU live. A freed block is kept for the next tensor of its size: pages that go back to the system are cleared and mapped
// anew when they return, which on a virtual machine costs more than the arithmetic of a small product.
#include "rmt_guard.h"
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <cstdlib>
#include <cstring>
#include <list>
#include <mutex>
#include <sys/mman.h>
#include <unordered_map>

using namespace rmt;

namespace {

constexpr size_t alignment = 64;                // of every tensor, as libtorch's own
constexpr size_t smallest_kept = size_t{1} << 16;
constexpr size_t huge_page = size_t{1} << 21;

struct Block;
using Blocks = std::list<Block*>;

// Stands before the bytes of a tensor.
struct alignas(alignment) Block {
    size_t size;                                // of all, this included
    Blocks::iterator freed;                     // its place in the order of freeing, while it is kept
    void* data() { return this + 1; }
};
static_assert(sizeof(Block) % alignment == 0, "what comes after it is aligned as it is");

// Sizes come in steps of an eighth, so that documents of nearly one length share blocks.
size_t rounded(size_t size) {
    if (size < smallest_kept) return (size + alignment - 1) / alignment * alignment;
    size_t step = smallest_kept / 8;
    while (step * 16 <= size) step *= 2;
    return (size + step - 1) / step * step;
}

class Store {
public:
    Block* take(size_t size) {
        if (size >= smallest_kept) {
            std::lock_guard<std::mutex> guard(lock);
            auto& same = of_size[size];
            if (!same.empty()) {
                auto* block = same.back();      // the one freed last, which the processor may still hold
                same.pop_back();
                forget(block);
                return block;
            }
        }
        auto* block = fresh(size);
        if (block) return block;
        std::lock_guard<std::mutex> guard(lock);
        drop_to(0);
        return fresh(size);
    }

    void give(Block* block) {
        if (block->size < smallest_kept) { std::free(block); return; }
        std::lock_guard<std::mutex> guard(lock);
        of_size[block->size].push_back(block);
        block->freed = order.insert(order.end(), block);
        kept += block->size;
        drop_to(limit);
    }

    int64_t bytes() {
        std::lock_guard<std::mutex> guard(lock);
        return static_cast<int64_t>(kept);
    }

    void set_limit(size_t bytes) {
        std::lock_guard<std::mutex> guard(lock);
        limit = bytes;
        drop_to(limit);
    }

private:
    std::mutex lock;
    std::unordered_map<size_t, Blocks> of_size;              // each in the order of freeing
    Blocks order;                                            // all, the one that waited longest first
    size_t kept = 0, limit = size_t{1} << 30;

    static Block* fresh(size_t size) {
        void* memory = nullptr;
        if (posix_memalign(&memory, size >= huge_page ? huge_page : alignment, size) != 0) return nullptr;
        if (size >= huge_page) madvise(memory, size, MADV_HUGEPAGE);   // a wish; where it is not granted nothing is lost
        auto* block = new (memory) Block;
        block->size = size;
        return block;
    }

    void forget(Block* block) {
        order.erase(block->freed);
        kept -= block->size;
    }

    void drop_to(size_t bytes) {
        while (kept > bytes) {
            auto* oldest = order.front();
            of_size[oldest->size].pop_front();
            forget(oldest);
            std::free(oldest);
        }
    }
};

// Never destroyed: tensors that live in statics are freed after it would be.
Store& store() {
    static auto* one = new Store;
    return *one;
}

// Nothing is given back as free() gives it back: oneDNN's tensors without memory of their own do that.
void give_back(void* data) {
    if (data) store().give(static_cast<Block*>(data) - 1);
}

class CpuAllocator final : public c10::Allocator {
public:
    // Const in old versions of libtorch, not const in new ones: one of the two is the one that is asked for.
    c10::DataPtr allocate(size_t size) const {
        if (size == 0) return {nullptr, nullptr, &c10::detail::deleteNothing, c10::Device(c10::DeviceType::CPU)};
        auto* block = size <= SIZE_MAX / 2 ? store().take(rounded(size + sizeof(Block))) : nullptr;
        TORCH_CHECK(block, "can't allocate memory: ", size, " bytes on the CPU");
        return {block->data(), block->data(), &give_back, c10::Device(c10::DeviceType::CPU)};
    }
    c10::DataPtr allocate(size_t size) { return static_cast<const CpuAllocator*>(this)->allocate(size); }
    c10::DeleterFnPtr raw_deleter() const override { return &give_back; }
    void copy_data(void* to, const void* from, size_t count) const { std::memcpy(to, from, count); }   // new versions ask for it
};

CpuAllocator allocator;
const bool installed = (c10::SetCPUAllocator(&allocator, 1), true);

}   // namespace

int64_t rmt_cpu_memory_kept(void) { return store().bytes(); }
int rmt_cpu_memory_limit(int64_t bytes) { return status([&] { store().set_limit(static_cast<size_t>(bytes)); }); }
