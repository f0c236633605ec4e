//! Stubs that are too long to be shown, made shorter.
//!
//! - What is shown is still true: an object is a `dict`, arguments that are left out are named.

use super::{
    super::schema::{self, Type},
    ShownClasses, Stub,
};

/// Values of a `Literal`, and keys of a result, of which a folded stub shows all or none.
const MAX_SHOWN: usize = 8;

impl Stub {
    /// The same in at most so many characters, if it can be made so short. What goes first is what can be found out from
    /// a result: what was observed, and objects inside of objects; then long literals, notes, and optional arguments from the last one on.
    pub fn folded(&self, most: usize) -> Self {
        const STEPS: [fn(&mut Stub); 7] = [
            Stub::fold_observed,
            Stub::fold_fields,
            Stub::fold_result,
            Stub::fold_literals,
            Stub::fold_notes,
            Stub::fold_result_whole,
            Stub::fold_arguments,
        ];
        let mut stub = self.clone();
        for step in STEPS {
            if stub.length() <= most {
                return stub;
            }
            stub.folded = true;
            step(&mut stub);
            stub.drop_unused();
        }
        while stub.length() > most && stub.arguments.last().is_some_and(|last| last.default.is_some()) {
            let last = stub.arguments.pop().expect("there is a last one");
            stub.left_out.insert(0, last.name);
        }
        stub
    }

    fn length(&self) -> usize {
        let lines = self.prompt(&mut ShownClasses::default());
        lines.iter().map(|line| line.chars().count() + 1).sum()
    }

    /// Objects inside of objects.
    fn fold_fields(&mut self) {
        for field in self.classes.iter_mut().flat_map(|class| &mut class.fields) {
            field.ty = without_classes(&field.ty, &|_| true);
        }
    }

    /// The result, if it has more keys than one can take in.
    fn fold_result(&mut self) {
        let classes = &self.classes;
        let long = |at: usize| classes[at].fields.len() > MAX_SHOWN;
        self.returns = self.returns.as_ref().map(|ty| without_classes(ty, &long));
    }

    fn fold_literals(&mut self) {
        let fields = self.classes.iter_mut().flat_map(|class| &mut class.fields);
        let types = fields.map(|field| &mut field.ty);
        for ty in types.chain(self.arguments.iter_mut().map(|argument| &mut argument.ty)) {
            *ty = ty.replaced(&|part| match part {
                Type::Literal(values) if values.len() > MAX_SHOWN => Some(schema::of_literals(values)),
                _ => None,
            });
        }
    }

    fn fold_arguments(&mut self) {
        for argument in &mut self.arguments {
            argument.ty = without_classes(&argument.ty, &|_| true);
        }
    }

    fn fold_notes(&mut self) {
        for argument in &mut self.arguments {
            argument.note = None;
        }
    }

    fn fold_result_whole(&mut self) {
        self.returns = self.returns.as_ref().map(|ty| without_classes(ty, &|_| true));
    }

    /// Leaves out classes that nothing refers to, and gives the others new places.
    fn drop_unused(&mut self) {
        let mut used = vec![false; self.classes.len()];
        let mut open: Vec<&Type> = self.arguments.iter().map(|argument| &argument.ty).collect();
        open.extend(&self.returns);
        while let Some(ty) = open.pop() {
            for (at, class) in self.classes.iter().enumerate() {
                if !used[at] && ty.refers_to(&|inner| inner == at) {
                    used[at] = true;
                    open.extend(class.fields.iter().map(|field| &field.ty));
                }
            }
        }
        let place = |at: usize| used[..at].iter().filter(|used| **used).count();
        let moved = |ty: &Type| {
            ty.replaced(&|part| match part {
                Type::Class(at) => Some(Type::Class(place(*at))),
                _ => None,
            })
        };
        for argument in &mut self.arguments {
            argument.ty = moved(&argument.ty);
        }
        self.returns = self.returns.as_ref().map(moved);
        let mut at = 0;
        self.classes.retain(|_| {
            at += 1;
            used[at - 1]
        });
        for field in self.classes.iter_mut().flat_map(|class| &mut class.fields) {
            field.ty = moved(&field.ty);
        }
    }
}

fn without_classes(ty: &Type, left_out: &dyn Fn(usize) -> bool) -> Type {
    ty.replaced(&|part| match part {
        Type::Class(at) if left_out(*at) => Some(Type::Plain("dict")),
        _ => None,
    })
}
